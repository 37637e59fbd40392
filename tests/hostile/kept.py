"""How the tests of this folder try hostile input; what was ever found stands beside them as an example."""

from hypothesis import HealthCheck, settings


def tries(count: int) -> settings:
    """`count` inputs, the same each time."""
    return settings(
        max_examples=count,
        derandomize=True,
        print_blob=True,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
