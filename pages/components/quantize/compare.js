// Two pictures on top of each other, cut at a divider that a range input moves.
export default function ({ data: [data], parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const range = find("input");

  stage.style.setProperty("--ratio", data.width / data.height);
  stage.classList.toggle("dimmed", data.dimmed);
  find(".left").textContent = data.before.label;
  find(".right").textContent = data.after.label;
  range.setAttribute("aria-label", `Divider between ${data.before.label} and ${data.after.label}`);

  const loupe = find(".loupe");
  const zoom = find(".zoom");
  const scale = 8;
  // Where the loupe looks, as shares of width and height; it stays there when the page runs again.
  const spot = JSON.parse(stage.dataset.spot ?? '{"x": 0.5, "y": 0.5}');

  // A new picture is decoded before it takes the place of the old one: nothing flashes.
  for (const side of ["before", "after"]) {
    const { url, alt } = data[side];
    const shown = find(`.${side}`);
    shown.alt = alt;
    if (stage.dataset[side] === url) continue;
    stage.dataset[side] = url;
    const fresh = new Image();
    Object.assign(fresh, { src: url, alt, className: side, draggable: false });
    const show = () => {
      if (stage.dataset[side] !== url || !fresh.naturalWidth) return; // a newer picture came first, or it did not load
      find(`.${side}`).replaceWith(fresh);
      look();
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
      const image = find(`.${side}`);
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
    const image = find(".after");
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
}
