// Where one looks: both pictures lie in frames as large as the stage or larger, which zoom and pan together.

// So many CSS pixels for one pixel of the picture, at most.
const MOST_MAGNIFIED = 32;
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// stage: the element. width: of the picture in pixels. onView: called with the scale, in pixels of the screen for one
// of the picture, and whether the picture is larger than the stage, whenever that may have changed.
function viewOf(stage, width, onView) {
  const view = (stage.view ??= { zoom: 1, x: 0, y: 0 });
  const share = () => (stage.clientWidth * view.zoom * window.devicePixelRatio) / width;
  const most = () => Math.max(1, (MOST_MAGNIFIED * width) / stage.clientWidth);

  const apply = () => {
    view.zoom = clamp(view.zoom, 1, most());
    view.x = clamp(view.x, stage.clientWidth * (1 - view.zoom), 0);
    view.y = clamp(view.y, stage.clientHeight * (1 - view.zoom), 0);
    stage.style.setProperty("--zoom", view.zoom);
    stage.style.setProperty("--x", `${view.x}px`);
    stage.style.setProperty("--y", `${view.y}px`);
    stage.classList.toggle("zoomed", view.zoom > 1);
    onView(share(), view.zoom > 1);
  };
  return {
    apply,
    isZoomed: () => view.zoom > 1,
    pan(x, y) {
      view.x += x;
      view.y += y;
      apply();
    },
    // What is at a place of the stage stays there.
    zoomBy(factor, at = { x: stage.clientWidth / 2, y: stage.clientHeight / 2 }) {
      const zoom = clamp(view.zoom * factor, 1, most());
      view.x = at.x - ((at.x - view.x) * zoom) / view.zoom;
      view.y = at.y - ((at.y - view.y) * zoom) / view.zoom;
      view.zoom = zoom;
      apply();
    },
    // All of the picture, or one pixel for one of the screen; whichever it is not now.
    toggle() {
      const [whole, own] = [1, view.zoom / share()];
      this.zoomBy((view.zoom === whole && own > 1 ? own : whole) / view.zoom);
    },
    reset() {
      Object.assign(view, { zoom: 1, x: 0, y: 0 });
      apply();
    },
  };
}

// Mouse, pen and fingers on the stage: drags move the divider, or the picture where it is zoomed; two fingers and the
// wheel zoom; a click asks for a color. onCut: called with the share of the width, 0 to 1. onClick: with the event.
function followPointers(stage, view, { onCut, onClick, cutAt }) {
  const REACH = 16; // from the divider
  const SLOP = 4; // that a click may move
  const pointers = (stage.pointers ??= new Map());
  const placeOf = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  const isTool = (event) => event.target.closest("button") !== null;

  stage.onpointerdown = (event) => {
    if (isTool(event) || event.button !== 0) return;
    const at = placeOf(event);
    const isOnDivider = Math.abs(at.x - cutAt() * stage.clientWidth) < REACH;
    pointers.set(event.pointerId, { ...at, from: at, mode: pointers.size || !isOnDivider ? "" : "cut" });
    if (pointers.size > 1) for (const pointer of pointers.values()) pointer.mode = "pinch";
    stage.setPointerCapture(event.pointerId);
  };
  stage.onpointermove = (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const at = placeOf(event);
    if (pointers.size === 2) {
      const before = spread();
      Object.assign(pointer, at, { mode: "pinch" });
      const after = spread();
      view.zoomBy(after.size / Math.max(before.size, 1), after);
      view.pan(after.x - before.x, after.y - before.y);
      return;
    }
    const moved = Math.hypot(at.x - pointer.from.x, at.y - pointer.from.y);
    if (!pointer.mode && moved > SLOP) pointer.mode = view.isZoomed() ? "pan" : "cut";
    if (pointer.mode === "pan") view.pan(at.x - pointer.x, at.y - pointer.y);
    if (pointer.mode === "cut") onCut(clamp(at.x / stage.clientWidth, 0, 1));
    Object.assign(pointer, at);
  };
  const leave = (event) => {
    const pointer = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (event.type !== "pointerup" || !pointer) return;
    const moved = Math.hypot(pointer.x - pointer.from.x, pointer.y - pointer.from.y);
    if (moved <= SLOP && pointer.mode !== "pinch") onClick(event);
  };
  stage.onpointerup = stage.onpointercancel = leave;

  // At the top of a page the wheel has nothing to scroll upwards; elsewhere it scrolls, as over anything else.
  const scroller = stage.getRootNode().host?.closest("section, main") ?? document.scrollingElement;
  stage.onwheel = (event) => {
    const now = Date.now();
    const isScrolling = now - (stage.scrolled ?? 0) < 300;
    const zooms = event.ctrlKey || view.isZoomed() || (event.deltaY < 0 && scroller.scrollTop <= 1 && !isScrolling);
    if (!zooms) {
      stage.scrolled = now;
      return;
    }
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    view.zoomBy(Math.exp(-clamp(event.deltaY * lines, -150, 150) / (event.ctrlKey ? 100 : 400)), placeOf(event));
  };
}
