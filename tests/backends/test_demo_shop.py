import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from voicebot.backends import Backend, DemoShop, Order, Reply
from voicebot.backends.demo_orders import demo_orders
from voicebot.errors import BackendError
from voicebot.values import Personal

pytestmark = pytest.mark.unit

FRIDAY = date(2026, 11, 20)
KNOWN = {"order_number": "12345", "postcode": "5611BJ"}


@pytest.fixture
def shop() -> Iterator[DemoShop]:
    shop = DemoShop(today=lambda: FRIDAY)
    yield shop
    shop.close()


def find(*orders: Order) -> Reply:
    shop = DemoShop(today=lambda: FRIDAY, orders=orders)
    try:
        return shop.do("find_order", {"order_number": orders[0].number, "postcode": orders[0].postcode})
    finally:
        shop.close()


def test_the_known_order_comes_this_afternoon(shop: DemoShop) -> None:
    assert shop.do("find_order", KNOWN) == Reply(
        "on_the_way",
        {
            "order_number": Personal("order_number", "12345"),
            "delivery_day": "vandaag",
            "window": "tussen 14:00 en 16:00",
            "carrier": "PostNL",
            "items_summary": "een fietshelm en een kettingslot",
        },
    )


@pytest.mark.parametrize(
    "wrong",
    [{"postcode": "1012JS"}, {"order_number": "54321"}, {"postcode": "' OR '1'='1"}, {"order_number": "%"}],
)
def test_a_wrong_number_and_a_wrong_postcode_look_the_same(shop: DemoShop, wrong: dict[str, str]) -> None:
    assert shop.do("find_order", KNOWN | wrong) == Reply("not_found")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("besteld", "preparing"),
        ("ingepakt", "preparing"),
        ("onderweg", "on_the_way"),
        ("bezorgd", "delivered"),
        ("vertraagd", "delayed"),
        ("geannuleerd", "cancelled"),
    ],
)
def test_each_status_has_its_outcome(status: str, outcome: str) -> None:
    assert find(Order("11111", "1012JS", status)).outcome == outcome


@pytest.mark.parametrize(
    ("days", "spoken"),
    [
        (-8, "donderdag 12 november"),
        (-1, "gisteren"),
        (0, "vandaag"),
        (1, "morgen"),
        (3, "maandag 23 november"),
    ],
)
def test_days_are_told_as_people_say_them(days: int, spoken: str) -> None:
    assert find(Order("11111", "1012JS", "onderweg", days)).facts["delivery_day"] == spoken


def test_facts_can_always_be_spoken() -> None:
    facts = find(Order("11111", "1012JS", "besteld", items=("een bel", "een slot", "een tas"))).facts
    assert facts["window"] == "in de loop van de dag"
    assert facts["items_summary"] == "een bel en 2 andere artikelen"


def test_the_shop_has_forty_proper_orders() -> None:
    orders = demo_orders()
    assert len({order.number for order in orders}) == 40
    assert all(len(order.number) == 5 and order.number.isdigit() for order in orders)
    assert len(Counter(order.status for order in orders)) == 6
    assert orders == demo_orders()
    assert all(find(order).outcome != "not_found" for order in orders)


def test_a_file_keeps_its_orders(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    order = Order("11111", "1012JS", "bezorgd")
    DemoShop(today=lambda: FRIDAY, path=path, orders=[order]).close()
    shop = DemoShop(today=lambda: FRIDAY, path=path)
    assert shop.do("find_order", {"order_number": "11111", "postcode": "1012JS"}).outcome == "delivered"
    assert shop.do("find_order", KNOWN).outcome == "not_found"
    shop.close()


def test_many_calls_at_once_get_their_own_answer(shop: DemoShop) -> None:
    wrong: list[str] = []

    def ask(order: Order) -> None:
        for _ in range(20):
            facts = shop.do("find_order", {"order_number": order.number, "postcode": order.postcode}).facts
            if facts["order_number"] != Personal("order_number", order.number):
                wrong.append(order.number)

    threads = [threading.Thread(target=ask, args=[order]) for order in demo_orders()[:8]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_its_state_is_all_that_it_holds(shop: DemoShop) -> None:
    state = shop.state()
    assert list(state) == ["orders"]
    assert {number: Order(**record) for number, record in state["orders"].items()} == {
        order.number: order for order in demo_orders()
    }
    empty = DemoShop(today=lambda: FRIDAY, orders=[])
    assert empty.state() == {"orders": {}}
    empty.close()


def test_what_it_cannot_do_it_says(shop: DemoShop, tmp_path: Path) -> None:
    backend: Backend = shop
    assert backend.actions == {"find_order"}
    with pytest.raises(BackendError, match="no action 'refund'"):
        backend.do("refund", {})
    with pytest.raises(BackendError, match="postcode"):
        backend.do("find_order", {"order_number": "12345"})
    with pytest.raises(BackendError, match="cannot open"):
        DemoShop(today=lambda: FRIDAY, path=tmp_path / "none" / "shop.db")
