// Two pictures on top of each other, cut at a divider, to zoom into and to click on; and the number of colors, whose
// slider recolors the picture while it moves, from the palettes that a sweep found. The server's exact result follows.
const EVENTS = { sweep: "kmeans-studio:sweep", live: "kmeans-studio:live" };
// So long after something was asked for, what the server says counts in any case.
const PATIENCE = 3000;

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const canvas = find(".live");

  stage.style.setProperty("--ratio", data.width / data.height);
  find(".of-left").textContent = data.before.label;

  // ---- Where one looks
  const view = viewOf(stage, data.width, (scale, isZoomed) => {
    // Below its own size a picture is smoothed, and each side from its own pixels.
    stage.classList.toggle("reduced", scale < 1);
    find(".scale").textContent = `${Math.round(100 * scale)} %`;
    find(".scale").title =
      (scale < 1 ? "Smaller than it is: neighboring pixels are mixed. " : "") +
      (isZoomed ? "Shows all of it." : "Shows it at 100 %.");
    find(".out").disabled = !isZoomed;
    const isFine = scale * data.width > data.finest; // more than the images have
    if (data.finest < data.width && isZoomed && isFine && stage.asked !== data.original) {
      stage.asked = data.original;
      setTriggerValue("detail", true);
    }
  });
  if (stage.viewed !== data.original) view.reset();
  stage.viewed = data.original;
  find(".in").onclick = () => view.zoomBy(2);
  find(".out").onclick = () => view.zoomBy(1 / 2);
  find(".scale").onclick = () => view.toggle();
  find(".zoom").onkeydown = (event) => {
    const step = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "Escape") view.reset();
    if (!step) return;
    event.preventDefault();
    view.pan(40 * step[0], 40 * step[1]);
  };
  stage.onsize = () => view.apply();
  stage.sizes ??= new ResizeObserver(() => stage.onsize());
  stage.sizes.observe(stage);
  view.apply();

  // ---- The divider
  const range = find(".cut");
  range.setAttribute("aria-label", `Divider between ${data.before.label} and ${data.after.label}`);
  const cut = () => {
    stage.style.setProperty("--cut", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${Math.round(range.value)} % ${data.before.label}`);
  };
  range.oninput = cut;
  cut();

  // ---- The two pictures; a new one is decoded before it takes the place of the old one: nothing flashes
  for (const side of ["before", "after"]) {
    const { url, alt } = data[side];
    const shown = find(`img.${side}`);
    shown.alt = alt;
    if (stage.dataset[side] === url) continue;
    stage.dataset[side] = url;
    const fresh = new Image();
    Object.assign(fresh, { src: url, alt, className: side, draggable: false });
    const show = () => {
      if (stage.dataset[side] !== url || !fresh.naturalWidth) return; // a newer picture came first, or it did not load
      find(`img.${side}`).replaceWith(fresh);
      stage.dataset[`${side}Shown`] = url;
      stage.onsettle();
    };
    fresh.decode().then(show, show);
  }

  // ---- The number of colors
  const slider = find(".count");
  const { stops, wanted, shown } = data.colors;
  const text = (count) => `${count} colors`;
  const palettes = () =>
    window.kmeansStudioSweep?.picture === data.picture ? window.kmeansStudioSweep.palettes : [];
  const paletteOf = (count) =>
    palettes().find((palette) => palette.count === count) ?? palettes().findLast((palette) => palette.count < count);

  const say = (count, palette) => {
    const isPreview = palette !== undefined;
    find(".of-right").textContent = isPreview ? `${text(count)}, preview` : data.after.label;
    slider.setAttribute("aria-valuetext", text(count));
    find(".state").textContent = isPreview
      ? `${text(count)} · error about ${palette.error} · preview`
      : `${text(count)}${count === shown ? ` · error ${data.colors.error} · exact` : ""}`;
    window.dispatchEvent(new CustomEvent(EVENTS.live, { detail: palette ?? null }));
  };

  // The canvas shows the picture in a palette of the sweep; the colors of a picture are put in cells only once.
  const preview = (count) => {
    const palette = paletteOf(count);
    const ready = palette !== undefined && stage.cells?.url === data.original;
    canvas.hidden = !ready;
    if (ready) {
      recolor(canvas, stage.cells, palette.colors);
    }
    stage.classList.toggle("dimmed", data.dimmed && !ready);
    say(count, ready ? palette : undefined);
  };
  const settle = () => {
    const isSent = stage.dragged === wanted || Date.now() - stage.left > PATIENCE;
    if (!stage.pressed && isSent) stage.dragged = undefined;
    const count = stage.dragged ?? wanted;
    slider.value = stops.indexOf(count);
    if (count !== shown) {
      preview(count);
      return;
    }
    stage.classList.toggle("dimmed", data.dimmed);
    // The preview stays until the picture is decoded.
    if (stage.dataset.afterShown !== data.after.url || stage.exchanging === data.after.url) return;
    canvas.hidden = true;
    say(count);
  };
  const prepare = async () => {
    const follows = stage.cells?.url === data.original && palettes().length > 0;
    slider.dataset.follows = String(follows);
    if (follows || !palettes().length) return;
    const image = Object.assign(new Image(), { src: data.original });
    await image.decode();
    if (stage.viewed !== data.original) return; // another picture came meanwhile
    stage.cells = { url: data.original, ...inCells(image) };
    slider.dataset.follows = "true";
    stage.onsettle();
  };
  const commit = () => {
    if (stage.dragged === undefined) return;
    stage.left = Date.now();
    clearTimeout(stage.settling);
    stage.settling = setTimeout(() => stage.onsettle(), PATIENCE + 50); // whatever became of it
    if (stage.dragged === wanted) settle();
    else setTriggerValue("colors", stage.dragged);
  };

  slider.max = stops.length - 1;
  slider.title = data.colors.help;
  slider.oninput = () => {
    stage.dragged = stops[Number(slider.value)];
    cancelAnimationFrame(stage.drawing);
    stage.drawing = requestAnimationFrame(() => preview(stage.dragged));
  };
  // Keys repeat, and each repetition is a change: what counts is where they end.
  slider.onpointerdown = () => (stage.pressed = true);
  slider.onkeydown = () => (stage.pressed = true);
  slider.onpointerup = slider.onpointercancel = slider.onkeyup = slider.onblur = () => {
    stage.pressed = false;
    commit();
  };
  slider.onchange = () => {
    if (!stage.pressed) commit();
  };
  stage.onsweep = () => prepare().catch(() => {}); // without, the slider works as any other

  // ---- The color of a pixel
  const giveUp = () => {
    stage.exchanging = undefined;
    stage.onsettle();
  };
  // What another color looks like is shown at once, and stays until the server's picture is there.
  const exchange = ({ exchange: index, to, isFinal }) => {
    const color = data.palette[index];
    if (!color) return; // of a palette that is gone
    exchangeOn(canvas, find("img.after"), color.fill, to);
    canvas.hidden = false;
    stage.exchanging = data.after.url;
    find(".of-right").textContent = `${data.after.label}, preview`;
    clearTimeout(stage.waits);
    stage.waits = setTimeout(giveUp, isFinal ? PATIENCE : 10 * PATIENCE); // in case that it is refused, or left
    if (isFinal) setTriggerValue("exchange", [index, color.hex, to]);
  };
  const act = (action) => {
    if ("exchange" in action) exchange(action);
    else for (const [name, value] of Object.entries(action)) setTriggerValue(name, value);
  };
  const tell = (message) => {
    find(".state").textContent = message;
    setTimeout(() => stage.onsettle(), 2500);
  };
  const ask = (event) => {
    const box = find(".place").getBoundingClientRect();
    const isRight = event.clientX > stage.getBoundingClientRect().left + (stage.clientWidth * range.value) / 100;
    if (isRight && !canvas.hidden) return; // what is shown is not the palette's yet
    const pixel = pixelAt(find(isRight ? "img.after" : "img.before"), event);
    if (!pixel) return;
    // The nearest, for a browser rounds the colors of partly transparent pixels.
    const color = isRight ? nearestTo(pixel.hex, data.palette) : undefined;
    const hex = color?.hex ?? pixel.hex;
    const now = {
      isLocked: color ? color.locked : data.locked.includes(hex),
      canLock: data.canLock,
      isAlone: data.alone === color?.index,
    };
    openMenu(find(".menu"), {
      at: { x: event.clientX - box.left + 4, above: event.clientY - box.top - 4, below: event.clientY - box.top + 4 },
      color: pixel.hex,
      title: color ? `${hex} · ${color.share}` : `${hex} · ${data.before.label}`,
      items: itemsFor(hex, color, now, act, tell),
    });
  };
  followPointers(stage, view, {
    onCut: (share) => {
      range.value = 100 * share;
      cut();
    },
    onClick: ask,
    cutAt: () => range.value / 100,
  });

  // ---- Undo and redo
  for (const step of ["undo", "redo"]) {
    find(`.${step}`).disabled = !data[step];
    find(`.${step}`).onclick = () => setTriggerValue(step, true);
  }
  stage.onkeys = (event) => {
    const inside = event.composedPath()[0];
    const writes = inside.isContentEditable || inside.matches?.("textarea, input:not([type=range], [type=color])");
    if (writes || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const step = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : "";
    if (!step || !data[step]) return;
    event.preventDefault();
    setTriggerValue(step, true);
  };

  stage.onsettle = settle;
  listen(stage, EVENTS.sweep, () => stage.onsweep());
  listen(stage, COLOR_EVENT, ({ detail }) => act(detail));
  listen(stage, "keydown", (event) => stage.onkeys(event));
  stage.onsweep();
  settle();
}
