// Two pictures on top of each other, cut at a divider that a range input moves; and the number of colors, whose slider
// recolors the picture while it moves, from the palettes that a sweep found. The server's exact result follows.
const EVENTS = { sweep: "kmeans-studio:sweep", live: "kmeans-studio:live" };
// So long after the slider was left, what the server says counts in any case.
const PATIENCE = 3000;

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const range = find(".cut");

  stage.style.setProperty("--ratio", data.width / data.height);
  find(".left").textContent = data.before.label;
    range.setAttribute("aria-label", `Divider between ${data.before.label} and ${data.after.label}`);

  const loupe = find(".loupe");
  const zoom = find(".zoom");
  const scale = 8;
  // Where the loupe looks, as shares of width and height; it stays there when the page runs again.
  const spot = JSON.parse(stage.dataset.spot ?? '{"x": 0.5, "y": 0.5}');

  // A new picture is decoded before it takes the place of the old one: nothing flashes.
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
      look();
      settle();
    };
    fresh.decode().then(show, show);
  }

  function look() {
    stage.dataset.spot = JSON.stringify(spot);
    loupe.hidden = zoom.getAttribute("aria-pressed") !== "true";
    if (loupe.hidden) return;
    const box = stage.getBoundingClientRect();
    const panes = loupe.querySelectorAll(".pane");
    ["before", "after"].forEach((side, index) => {
      const image = find(`img.${side}`);
      const pane = panes[index];
      const half = pane.clientWidth / 2;
      const [wide, high] = [image.naturalWidth * scale, image.naturalHeight * scale];
      pane.style.backgroundImage = `url("${image.src}")`;
      pane.style.backgroundSize = `${wide}px ${high}px`;
      pane.style.backgroundPosition = `${half - spot.x * wide}px ${half - spot.y * high}px`;
    });
    // Above the spot where there is room, else below, and always inside.
    const [w, h] = [loupe.offsetWidth, loupe.offsetHeight];
    const above = spot.y * box.height - h - 16;
    const left = Math.min(Math.max(spot.x * box.width - w / 2, 0), Math.max(box.width - w, 0));
    loupe.style.left = `${left}px`;
    loupe.style.top = `${above >= 0 ? above : Math.min(spot.y * box.height + 16, box.height - h)}px`;
  }
  const point = (event) => {
    const box = stage.getBoundingClientRect();
    spot.x = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    spot.y = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1);
    look();
  };
  find(".scale").title = "Smaller than it is: neighboring pixels are mixed. The loupe shows them as they are.";
  zoom.title = "Magnifies both pictures eight times; arrow keys move it, Escape closes it";
  zoom.onclick = () => {
    zoom.setAttribute("aria-pressed", String(zoom.getAttribute("aria-pressed") !== "true"));
    look();
  };
  zoom.onkeydown = (event) => {
    if (event.key === "Escape" && !loupe.hidden) {
      zoom.click();
      return;
    }
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || loupe.hidden) return;
    event.preventDefault();
    const image = find("img.after");
    const by = event.shiftKey ? 10 : 1;
    spot.x = Math.min(Math.max(spot.x + (by * step[0]) / image.naturalWidth, 0), 1);
    spot.y = Math.min(Math.max(spot.y + (by * step[1]) / image.naturalHeight, 0), 1);
    look();
  };
  stage.onpointermove = point;
  stage.onpointerdown = (event) => {
    if (event.target !== zoom) point(event);
  };
  look();

  const move = () => {
    stage.style.setProperty("--cut", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${Math.round(range.value)} % ${data.before.label}`);
  };
  range.oninput = move;
  move();

  // Below its own size a picture is smoothed, and each side from its own pixels.
  stage.onsize = () => {
    const share = (stage.clientWidth * window.devicePixelRatio) / data.width;
    stage.classList.toggle("reduced", share < 1);
    find(".scale").hidden = !(share < 1);
    find(".scale").textContent = `${Math.round(100 * share)} %`;
  };
  stage.sizes ??= new ResizeObserver(() => stage.onsize());
  stage.sizes.observe(stage);
  stage.onsize();

  // ---- The number of colors
  const slider = find(".count");
  const canvas = find(".live");
  const { stops, wanted, shown } = data.colors;
  const text = (count) => `${count} colors`;
  const palettes = () =>
    window.kmeansStudioSweep?.picture === data.picture ? window.kmeansStudioSweep.palettes : [];
  const paletteOf = (count) =>
    palettes().find((palette) => palette.count === count) ?? palettes().findLast((palette) => palette.count < count);

  const say = (count, palette) => {
    const isPreview = palette !== undefined;
    find(".right").textContent = isPreview ? `${text(count)}, preview` : data.after.label;
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
    if (ready) {
      recolor(canvas, stage.cells, palette.colors);
      canvas.hidden = false;
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
    if (stage.dataset.afterShown !== data.after.url) return; // the preview stays until the picture is decoded
    canvas.hidden = true;
    say(count);
  };
  const prepare = async () => {
    const follows = stage.cells?.url === data.original && palettes().length > 0;
    slider.dataset.follows = String(follows);
    if (follows || !palettes().length) return;
    const image = Object.assign(new Image(), { src: data.original });
    await image.decode();
    stage.cells = { url: data.original, ...inCells(image) };
    slider.dataset.follows = "true";
    settle();
  };
  const commit = () => {
    if (stage.dragged === undefined) return;
    stage.left = Date.now();
    if (stage.dragged === wanted) settle();
    else setTriggerValue("colors", stage.dragged);
  };

  slider.max = stops.length - 1;
  slider.title = data.colors.help;
  slider.oninput = () => {
    stage.dragged = stops[Number(slider.value)];
    cancelAnimationFrame(stage.frame);
    stage.frame = requestAnimationFrame(() => preview(stage.dragged));
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
  if (!stage.listens) {
    stage.listens = () => (stage.isConnected ? stage.onsweep() : window.removeEventListener(EVENTS.sweep, stage.listens));
    window.addEventListener(EVENTS.sweep, stage.listens);
  }
  stage.onsweep();
  settle();
}

// The colors of a picture in cells of 4×4×4 levels: the cell of each pixel, and the mean color of each cell.
function inCells(image) {
  const canvas = document.createElement("canvas");
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const places = new Int32Array(1 << 18).fill(-1);
  const sums = new Float64Array(4 << 18);
  const cells = new Uint32Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]; // alpha, blue, green, red
    const code = ((pixel >> 2) & 0x3f) | ((pixel >> 4) & 0xfc0) | ((pixel >> 6) & 0x3f000);
    if (places[code] < 0) places[code] = count++;
    const at = 4 * (cells[i] = places[code]);
    sums[at] += pixel & 255;
    sums[at + 1] += (pixel >> 8) & 255;
    sums[at + 2] += (pixel >> 16) & 255;
    sums[at + 3] += 1;
  }
  const means = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) means[3 * i + channel] = sums[4 * i + channel] / sums[4 * i + 3];
  }
  const opaque = pixels.every((pixel) => pixel >>> 24 === 255);
  return { width, height, cells, means, alpha: opaque ? null : pixels.map((pixel) => pixel & 0xff000000) };
}

// Paints each pixel in the color, "8a7f6e", nearest to the mean of its cell.
function recolor(canvas, { width, height, cells, means, alpha }, colors) {
  const levels = new Float32Array(3 * colors.length);
  colors.forEach((color, i) => {
    for (let channel = 0; channel < 3; channel++) {
      levels[3 * i + channel] = parseInt(color.slice(2 * channel, 2 * channel + 2), 16);
    }
  });
  const opacity = alpha ? 0 : 0xff000000;
  const table = new Uint32Array(means.length / 3);
  for (let cell = 0; cell < table.length; cell++) {
    const [red, green, blue] = [means[3 * cell], means[3 * cell + 1], means[3 * cell + 2]];
    let nearest = 0;
    let least = Infinity;
    for (let at = 0; at < levels.length; at += 3) {
      const distance = (levels[at] - red) ** 2 + (levels[at + 1] - green) ** 2 + (levels[at + 2] - blue) ** 2;
      if (distance < least) [least, nearest] = [distance, at];
    }
    table[cell] = opacity | (levels[nearest + 2] << 16) | (levels[nearest + 1] << 8) | levels[nearest];
  }
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true }); // drawn by the processor, as all of this
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[cells[i]];
  if (alpha) for (let i = 0; i < pixels.length; i++) pixels[i] |= alpha[i];
  context.putImageData(image, 0, 0);
}
