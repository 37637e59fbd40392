"use strict";

let context = null;
let leaveOther = () => {}; // one call plays at a time

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}

function moveByArrows(toolbar) { // the Tab key enters and leaves it
  const buttons = [...toolbar.querySelectorAll("button")];
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (!(next in buttons)) return;
    event.preventDefault();
    buttons.forEach((button, number) => { button.tabIndex = number === next ? 0 : -1; });
    buttons[next].focus();
  });
}

function wire(call) {
  const slider = call.querySelector("input[type=range]");
  const strip = call.querySelector(".strip");
  const position = call.querySelector(".position");
  const problem = call.querySelector(".problem");
  const buttons = [...call.querySelectorAll("button[data-side]")];
  const lines = [...call.querySelectorAll(".transcript li")];
  const starts = lines.map((line) => Number(line.querySelector(".time").dataset.from));
  const words = [...call.querySelectorAll(".word")];
  const length = Number(slider.max);
  let sound = null;
  let source = null;
  let side = null;
  let began = 0; // on the clock of the sound card, when the call's first sample would have sounded
  let attempt = 0;

  function show(seconds) {
    slider.value = seconds;
    slider.setAttribute("aria-valuetext", `${seconds.toFixed(1)} of ${length.toFixed(1)} seconds`);
    position.textContent = `${seconds.toFixed(1)} s of ${length.toFixed(1)} s`;
    const now = starts.findLastIndex((start) => start <= seconds + 0.01);
    lines.forEach((line, number) => line.classList.toggle("now", source !== null && number === now));
    words.forEach((word) => word.classList.toggle("now",
      source !== null && word.dataset.from <= seconds + 0.01 && seconds + 0.01 < word.dataset.to));
  }

  function label() {
    for (const button of buttons) {
      const playing = button.dataset.side === side;
      button.classList.toggle("playing", playing);
      button.querySelector(".icon").textContent = playing ? "❙❙" : "▶";
      button.querySelector(".verb").textContent = playing ? "Pause" : "Play";
    }
  }

  function keepInView(seconds) {
    const x = (seconds / length) * slider.clientWidth - strip.scrollLeft;
    if (x < 0 || x > strip.clientWidth * 0.9) strip.scrollLeft += x - strip.clientWidth * 0.1;
  }

  function stop() {
    attempt += 1;
    if (source) {
      source.onended = null;
      source.stop();
    }
    source = null;
    side = null;
    label();
    show(Number(slider.value));
  }

  function leave() {
    stop();
    sound = null; // decoded sound is large
  }

  function follow() {
    if (!source) return;
    const seconds = Math.min(Math.max(context.currentTime - began, 0), length);
    show(seconds);
    keepInView(seconds);
    requestAnimationFrame(follow);
  }

  async function play(wanted, from) {
    stop();
    if (leaveOther !== leave) leaveOther();
    leaveOther = leave;
    const mine = attempt;
    side = wanted;
    label();
    show(from);
    context ??= new AudioContext();
    context.resume();
    try {
      sound ??= await context.decodeAudioData(bytesOf(call.querySelector(".sound").textContent));
    } catch (error) {
      stop();
      problem.textContent = `This browser cannot play the sound (${error.name}).`;
      return;
    }
    if (mine !== attempt) return; // stopped while it was decoded
    const voices = context.createChannelSplitter(2);
    const ears = context.createGain(); // mixes to both ears
    source = context.createBufferSource();
    source.buffer = sound;
    source.connect(voices);
    if (wanted !== "bot") voices.connect(ears, 0);
    if (wanted !== "caller") voices.connect(ears, 1);
    ears.connect(context.destination);
    source.onended = () => { stop(); show(0); };
    began = context.currentTime - from;
    source.start(0, from);
    follow();
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      if (button.dataset.side === side) stop();
      else play(button.dataset.side, Number(slider.value) < length ? Number(slider.value) : 0);
    });
  }
  for (const place of call.querySelectorAll("[data-from]")) {
    place.addEventListener("click", () => play("both", Number(place.dataset.from)));
  }
  call.querySelectorAll(".words").forEach(moveByArrows);
  slider.addEventListener("input", () => {
    const seconds = Number(slider.value);
    keepInView(seconds);
    if (side) play(side, seconds);
    else show(seconds);
  });
  show(0);
}

document.querySelectorAll(".replayed:has(.sound)").forEach(wire);
