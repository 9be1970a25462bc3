// The walk through k-means: every step is here already, so stepping and playing need no server and never flash.
// Reported to the server: the step that is shown, moved centers, and added points.

const PLAY_MILLISECONDS = 900;
const REPORT_MILLISECONDS = 350;
const SVG = "http://www.w3.org/2000/svg";

// By its element, not by the parent: Streamlit may put the same HTML into the same parent anew.
const walks = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue }) {
  const root = parentElement.querySelector(".walk");
  let walk = walks.get(root);
  if (!walk) {
    walk = new Walk(root);
    walks.set(root, walk);
  }
  walk.reportStep = (at) => setStateValue("step", at);
  // States, not triggers: of two that follow each other closely, a trigger may be lost.
  walk.reportCenters = (centers) => setStateValue("placed", centers);
  walk.reportPoints = (points) => setStateValue("points", points);
  walk.take(data);
  return () => walk.pause();
}

class Walk {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.key = null;
    this.at = 0;
    this.picked = null;
    this.timer = null;
    this.reporting = null;
    this.plane = this.find(".plane");
    this.canvas = this.find("canvas");
    this.svg = this.find(".plane svg");
    new ResizeObserver(() => this.data && this.draw()).observe(this.plane);
    // Only a transition says that the theme, and with it the color, has changed.
    this.canvas.addEventListener("transitionend", () => this.data && this.draw());
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this[button.dataset.do]();
    });
    root.addEventListener("change", (event) => {
      if (event.target.matches("[data-option]")) this.draw();
    });
    this.find(".point").addEventListener("input", (event) => {
      const number = Number(event.target.value);
      this.picked = Number.isInteger(number) && number >= 0 && number < this.count && event.target.value ? number : null;
      this.draw();
    });
    this.plane.addEventListener("click", (event) => this.clicked(event));
    this.plane.addEventListener("keydown", (event) => this.pressed(event));
  }

  // New data from the server. The same walk again, after a rerun, changes nothing. A reply to points or centers
  // that have changed since is outdated: the next one is on its way.
  take(data) {
    if (data.key === this.key) return;
    if (this.root.querySelector(".held")) {
      this.deferred = data;
      return;
    }
    if (data.drawing && this.sent && this.sent !== JSON.stringify(data.points)) return;
    const first = this.key === null;
    this.sent = this.before = null;
    this.placed = false;
    clearTimeout(this.placing);
    this.data = structuredClone(data);
    this.key = data.key;
    this.count = data.points.length / 2;
    this.at = Math.min(data.step, data.steps.length - 1);
    this.picked = null;
    this.find(".point").value = "";
    this.find(".point").max = this.count - 1;
    this.pause();
    this.root.classList.add(data.still ? "still" : "live");
    this.find(".own").hidden = !data.drawing;
    this.plane.classList.toggle("drawing", data.drawing);
    this.plane.setAttribute("aria-label", data.alt);
    this.cross = [(data.bounds[0] + data.bounds[1]) / 2, (data.bounds[2] + data.bounds[3]) / 2];
    this.draw();
    // Scroll to it if it was requested further down the page.
    if (!first && !data.still && this.plane.getBoundingClientRect().bottom < 100)
      this.root.scrollIntoView({ behavior: "smooth", block: "start" });
  }

  get step() {
    return this.data.steps[this.at];
  }

  get isOver() {
    return this.at >= this.data.steps.length - 1;
  }

  go(at) {
    const to = Math.max(0, Math.min(at, this.data.steps.length - 1));
    if (to === this.at) return;
    this.at = to;
    this.draw();
    clearTimeout(this.reporting);
    // Not while it plays: the link gets the step where it stops.
    this.reporting = setTimeout(() => this.timer || this.reportStep(this.at), REPORT_MILLISECONDS);
  }

  assign() {
    this.pause();
    this.go(this.at + 1);
  }

  update() {
    this.assign();
  }

  back() {
    this.pause();
    this.go(this.at - 1);
  }

  reset() {
    this.pause();
    this.go(0);
  }

  end() {
    this.pause();
    this.go(this.data.steps.length - 1);
  }

  play() {
    if (this.timer) {
      this.pause();
      this.reportStep(this.at);
      return;
    }
    if (this.isOver) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.at + 1);
      if (this.isOver) {
        this.pause();
        this.reportStep(this.at);
      }
    }, PLAY_MILLISECONDS);
    this.drawButtons();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.data) this.drawButtons();
  }

  undo() {
    this.show(this.pairs().slice(0, -1));
  }

  clear() {
    this.show([]);
  }

  pairs() {
    const { points } = this.data;
    return Array.from({ length: this.count }, (_, i) => [points[2 * i], points[2 * i + 1]]);
  }

  addPoint([x, y]) {
    const [left, right, bottom, top] = this.data.bounds;
    if (x < left || x > right || y < bottom || y > top || this.count >= this.data.most) return;
    this.show([...this.pairs(), [x, y]]);
  }

  // Draws other points at once, because clicks come faster than replies, and reports them to the server.
  show(pairs) {
    const whole = pairs.map((pair) => pair.map(Math.round));
    this.data.points = whole.flat();
    this.count = whole.length;
    const start = this.data.steps[0];
    this.data.steps = [{ ...start, labels: "-".repeat(this.count), said: `${this.count} points.`, ahead: "" }];
    this.at = 0;
    this.key = "changed here";
    this.draw();
    this.sent = JSON.stringify(this.data.points);
    this.reportPoints(whole);
  }

  clicked(event) {
    if (this.data.still || event.target.closest(".center")) return;
    const place = this.under(event);
    if (this.data.drawing) this.addPoint(place);
    else this.pick(this.nearestPoint(place));
  }

  pick(index) {
    this.picked = index;
    this.find(".point").value = index ?? "";
    this.draw();
  }

  nearestPoint([x, y]) {
    const { points } = this.data;
    const reach = 14 / this.scale;
    let best = null;
    let low = reach * reach;
    for (let i = 0; i < this.count; i++) {
      const distance = (points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2;
      if (distance < low) [best, low] = [i, distance];
    }
    return best;
  }

  pressed(event) {
    if (event.target !== this.plane || this.data.still) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const arrow = arrows[event.key];
    if (this.data.drawing && (arrow || event.key === "Enter")) {
      event.preventDefault();
      if (arrow) {
        const stride = event.shiftKey ? 100 : 20;
        this.cross = this.cross.map((value, i) => Math.min(999, Math.max(0, value + arrow[i] * stride)));
        this.crossShown = true;
        this.draw();
      } else this.addPoint(this.cross);
      return;
    }
    const action = {
      ArrowRight: "assign",
      ArrowLeft: "back",
      Home: "reset",
      End: "end",
      " ": "play",
    }[event.key];
    if (!action) return;
    event.preventDefault();
    this[action]();
  }

  // From here on: drawing.

  draw() {
    this.fit();
    this.drawCanvas();
    this.drawSvg();
    this.drawButtons();
    this.drawSide();
    this.drawCode();
  }

  // One scale for both axes: distances must look as they are.
  fit() {
    const { width, height } = this.plane.getBoundingClientRect();
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
    const [left, right, bottom, top] = this.data.bounds;
    const margin = 22;
    this.scale = Math.max(
      Math.min((this.width - 2 * margin) / (right - left), (this.height - 2 * margin) / (top - bottom)),
      1e-12,
    );
    this.originX = this.width / 2 - (this.scale * (left + right)) / 2;
    this.originY = this.height / 2 + (this.scale * (bottom + top)) / 2;
  }

  toScreen(x, y) {
    return [this.originX + this.scale * x, this.originY - this.scale * y];
  }

  fromScreen(x, y) {
    return [(x - this.originX) / this.scale, (this.originY - y) / this.scale];
  }

  color(cluster) {
    return (this.step.colors ?? this.data.colors)[cluster % this.data.colors.length];
  }

  option(name) {
    return this.data.still ? name === "regions" : this.find(`[data-option=${name}]`).checked;
  }

  drawCanvas() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (this.option("regions") || this.placed) this.drawRegions(pen);
    const { points, own } = this.data;
    const labels = this.placed ? this.nearest() : this.step.labels;
    const gray = getComputedStyle(this.canvas).color;
    const size = this.count > 400 ? 2.2 : 4;
    for (let i = 0; i < this.count; i++) {
      const [x, y] = this.toScreen(points[2 * i], points[2 * i + 1]);
      const cluster = labels[i] === "-" ? null : parseInt(labels[i], 36);
      pen.globalAlpha = own || cluster !== null ? 0.8 : 0.35;
      pen.fillStyle = cluster !== null ? this.color(cluster) : own ? own[i] : gray;
      pen.beginPath();
      pen.arc(x, y, own ? size * 1.4 : size, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  // The center that each point is nearest to, as labels have it.
  nearest() {
    const { points } = this.data;
    let labels = "";
    for (let i = 0; i < this.count; i++) {
      let [best, least] = [0, Infinity];
      this.step.centers.forEach(([x, y], index) => {
        const square = (points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2;
        if (square < least) [best, least] = [index, square];
      });
      labels += best.toString(36);
    }
    return labels;
  }

  // The part of the plane that is nearest to each center: what is left of it after cutting at each bisector.
  drawRegions(pen) {
    const centers = this.step.centers;
    centers.forEach((center, index) => {
      let region = [
        [0, 0],
        [this.width, 0],
        [this.width, this.height],
        [0, this.height],
      ].map(([x, y]) => this.fromScreen(x, y));
      for (const other of centers) if (other !== center) region = cut(region, center, other);
      if (region.length < 3) return;
      pen.beginPath();
      region.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](...this.toScreen(x, y)));
      pen.closePath();
      pen.globalAlpha = 0.13;
      pen.fillStyle = this.color(index);
      pen.fill();
      pen.globalAlpha = 0.6;
      pen.strokeStyle = this.color(index);
      pen.stroke();
    });
  }

  drawSvg() {
    const marks = [];
    if (this.option("trail")) {
      this.step.centers.forEach((_, index) => {
        const path = this.data.steps.slice(0, this.at + 1).map((step) => step.centers[index]);
        const line = make("polyline", { class: "trail", stroke: this.color(index) });
        line.setAttribute("points", path.map(([x, y]) => this.toScreen(x, y).join(",")).join(" "));
        marks.push(line);
      });
    }
    if (this.picked !== null) {
      const x = this.data.points[2 * this.picked];
      const y = this.data.points[2 * this.picked + 1];
      const from = this.toScreen(x, y);
      const distances = this.distances();
      const nearest = distances.indexOf(Math.min(...distances));
      this.step.centers.forEach((center, index) => {
        const to = this.toScreen(...center);
        const kind = index === nearest ? "ray nearest" : "ray";
        marks.push(make("line", { class: kind, x1: from[0], y1: from[1], x2: to[0], y2: to[1] }));
      });
      marks.push(make("circle", { class: "picked", cx: from[0], cy: from[1], r: 7 }));
    }
    if (this.data.drawing && this.crossShown) {
      const [x, y] = this.toScreen(...this.cross);
      marks.push(make("path", { class: "picked", d: `M${x - 8},${y}h16M${x},${y - 8}v16` }));
    }
    this.svg.querySelectorAll(":scope > :not(.center)").forEach((mark) => mark.remove());
    this.svg.prepend(...marks);
    this.drawCenters();
    const hint = this.find(".hint");
    hint.hidden = !this.data.hint;
    hint.textContent = this.data.hint;
  }

  // Markers stay and move, so that the eye can follow them.
  drawCenters() {
    const markers = [...this.svg.querySelectorAll(".center")];
    const centers = this.step.centers;
    markers.slice(centers.length).forEach((marker) => marker.remove());
    centers.forEach((center, index) => {
      const marker = markers[index] ?? this.makeCenter(index);
      const [x, y] = this.toScreen(...center);
      marker.style.transform = `translate(${x}px, ${y}px)`;
      marker.querySelector("circle").style.fill = this.color(index);
      const place = center.map((value) => Number(value.toPrecision(3))).join(", ");
      marker.setAttribute("aria-label", `Center ${index} at ${place}; arrow keys move it`);
    });
  }

  makeCenter(index) {
    const marker = make("g", { class: "center", role: "button" });
    const number = make("text", {});
    number.textContent = index;
    marker.append(make("circle", { r: 11 }), number);
    this.svg.append(marker);
    if (this.data.still) return marker;
    marker.setAttribute("tabindex", "0");
    marker.addEventListener("pointerdown", (event) => this.hold(event, marker, index));
    marker.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const stride = (event.shiftKey ? 60 : 12) / this.scale;
      const [x, y] = this.step.centers[index];
      this.place(index, [x + by[0] * stride, y + by[1] * stride]);
      clearTimeout(this.placing);
      this.placing = setTimeout(() => this.reportPlaced(), REPORT_MILLISECONDS);
    });
    return marker;
  }

  hold(event, marker, index) {
    event.preventDefault();
    this.pause();
    marker.focus();
    marker.classList.add("held");
    marker.setPointerCapture(event.pointerId);
    let moved = false;
    marker.onpointermove = (drag) => {
      if (!moved && Math.hypot(drag.clientX - event.clientX, drag.clientY - event.clientY) < 3) return;
      moved = true;
      this.place(index, this.under(drag));
    };
    marker.onpointerup = marker.onpointercancel = (last) => {
      marker.classList.remove("held");
      marker.onpointermove = marker.onpointerup = marker.onpointercancel = null;
      const { deferred } = this;
      this.deferred = null;
      if (moved) {
        this.reportPlaced();
        return;
      }
      if (deferred) this.take(deferred);
      // A click: the visitor may want a point where a center is.
      if (this.data.drawing && last.type === "pointerup") this.addPoint(this.under(last));
    };
  }

  // The place under the pointer, within the plane.
  under(event) {
    const box = this.plane.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left, 0), this.width);
    const y = Math.min(Math.max(event.clientY - box.top, 0), this.height);
    return this.fromScreen(x, y);
  }

  // A center that is moved by hand makes these positions the initial centers; the server walks from there.
  place(index, center) {
    const centers = this.step.centers.map((other, i) => (i === index ? center : other));
    const start = this.data.steps[0];
    this.before ??= { key: this.key, steps: this.data.steps };
    this.data.steps = [{ ...start, centers, colors: this.step.colors }];
    this.at = 0;
    this.key = "changed here";
    this.placed = true; // until it is let go, points and regions show what would be nearest
    this.draw();
  }

  // Reports the centers. If they are back where they began, there is nothing new to compute.
  reportPlaced() {
    const { before } = this;
    this.before = null;
    this.placed = false;
    if (!before) return;
    const near = (a, b) => Math.abs(a - b) * this.scale < 0.01;
    const same = before.steps[0].centers.every((center, i) => center.every((x, d) => near(x, this.step.centers[i][d])));
    if (same) {
      this.key = before.key;
      this.data.steps = before.steps;
      this.draw();
    } else this.reportCenters(this.step.centers);
  }

  drawButtons() {
    const set = (name, enabled, next = false) => {
      const button = this.find(`[data-do=${name}]`);
      button.disabled = !enabled;
      button.classList.toggle("next", next);
    };
    const coming = this.data.steps[this.at + 1]?.kind;
    set("assign", coming === "assign" || coming === "end", coming === "assign" || coming === "end");
    set("update", coming === "update", coming === "update");
    set("play", this.data.steps.length > 1);
    set("reset", this.at > 0);
    set("back", this.at > 0);
    set("end", !this.isOver);
    set("undo", this.count > 0);
    set("clear", this.count > 0);
    this.find("[data-do=play] .sign").textContent = this.timer ? "❚❚" : "▶";
    this.find("[data-do=play] .word").textContent = this.timer ? "Pause" : "Play";
  }

  distances() {
    const x = this.data.points[2 * this.picked];
    const y = this.data.points[2 * this.picked + 1];
    return this.step.centers.map(([cx, cy]) => Math.hypot(cx - x, cy - y));
  }

  drawSide() {
    const { step } = this;
    this.find(".said strong").textContent = step.said;
    this.find(".said span").textContent = step.ahead;
    this.find(".facts").textContent = step.facts;
    const distances = this.picked === null ? null : this.distances();
    const low = distances && Math.min(...distances);
    const rows = step.centers.map((_, index) => {
      const row = element("div", "", { role: "row" });
      const dot = element("span", "dot", { role: "cell" }, String(index));
      dot.style.background = this.color(index);
      const track = element("span", "track", { role: "cell", "aria-hidden": "true" });
      const fill = element("div", "fill");
      fill.style.width = `${(100 * step.counts[index]) / Math.max(this.count, 1)}%`;
      fill.style.background = this.color(index);
      track.append(fill);
      const count = element("span", "number", { role: "cell" }, step.counts[index].toLocaleString("en"));
      const text = distances ? `d ${Number(distances[index].toPrecision(3))}` : "";
      const isNearest = distances && distances[index] === low;
      const far = element("span", isNearest ? "number is-nearest" : "number", { role: "cell" }, text);
      row.append(dot, track, count, far);
      return row;
    });
    this.find(".clusters").replaceChildren(...rows);
    this.drawCurve();
  }

  drawCurve() {
    const known = this.data.steps.map((step, at) => [at, step.inertia]).filter(([, value]) => value !== null);
    const svg = this.find(".curve svg");
    const caption = this.find(".curve figcaption");
    if (known.length < 2) {
      svg.replaceChildren();
      caption.textContent = "";
      return;
    }
    // On a log scale, because the first steps would dwarf all others; only as far as the walk is.
    const values = known.map(([, value]) => Math.log10(Math.max(value, 1e-12)));
    const low = Math.min(...values);
    const span = Math.max(...values) - low || 1;
    const x = (at) => (240 * at) / (this.data.steps.length - 1);
    const places = known.map(([at], i) => [at, `${x(at)},${66 - (62 * (values[i] - low)) / span}`]);
    const points = places.filter(([at]) => at <= this.at).map(([, place]) => place);
    const now = make("line", { x1: x(this.at), x2: x(this.at), y1: 0, y2: 70 });
    svg.replaceChildren(make("polyline", { points: points.join(" ") }), now);
    caption.textContent = "Inertia by step, log scale";
    const seen = known.filter(([at]) => at <= this.at).map(([, value]) => value);
    const told = seen.length ? `Inertia falls from ${seen[0]} to ${seen.at(-1)}` : "No inertia before the first step";
    svg.setAttribute("aria-label", told);
  }

  drawCode() {
    this.find(".spark").textContent = this.step.spark;
    this.find(".numpy").textContent = this.data.code[this.step.code].numpy;
    this.find(".pyspark").textContent = this.data.code[this.step.code].pyspark;
  }
}

// The part of a polygon that is nearer to `center` than to `other` (Sutherland and Hodgman, 1974).
function cut(polygon, center, other) {
  const side = ([x, y]) =>
    (x - (center[0] + other[0]) / 2) * (center[0] - other[0]) +
    (y - (center[1] + other[1]) / 2) * (center[1] - other[1]);
  const kept = [];
  polygon.forEach((from, i) => {
    const to = polygon[(i + 1) % polygon.length];
    const [a, b] = [side(from), side(to)];
    if (a >= 0) kept.push(from);
    if (a >= 0 !== b >= 0) {
      const t = a / (a - b);
      kept.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
    }
  });
  return kept;
}

function make(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function element(name, kind, attributes = {}, text = "") {
  const node = document.createElement(name);
  if (kind) node.className = kind;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}
