// The pixels of a picture in the browser: their colors, and others for them at once; the server's exact ones follow.

// The color of the pixel of an image at a place on the screen, as {hex, x, y}; null outside, or where nothing shows.
function pixelAt(image, event) {
  const box = image.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * image.naturalWidth);
  const y = Math.floor(((event.clientY - box.top) / box.height) * image.naturalHeight);
  if (!image.naturalWidth || x < 0 || y < 0 || x >= image.naturalWidth || y >= image.naturalHeight) return null;
  const one = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = one.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  if (alpha === 0) return null;
  return { hex: `#${[red, green, blue].map((level) => level.toString(16).padStart(2, "0")).join("")}`, x, y };
}

// A context that has the pixels of an image, made once for each.
function pixelsOf(image) {
  if (!image.pixels) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
    image.pixels = canvas.getContext("2d", { willReadFrequently: true });
    image.pixels.drawImage(image, 0, 0);
  }
  return image.pixels;
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

// Paints an image with one of its colors, "#8a7f6e", in another.
function exchangeOn(canvas, image, old, color) {
  const { width, height } = pixelsOf(image).canvas;
  const drawn = pixelsOf(image).getImageData(0, 0, width, height);
  const pixels = new Uint32Array(drawn.data.buffer);
  const asPixel = (hex) => {
    const rgb = parseInt(hex.slice(1), 16);
    return ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16);
  };
  const [from, to] = [asPixel(old), asPixel(color)];
  for (let i = 0; i < pixels.length; i++) {
    if ((pixels[i] & 0xffffff) === from) pixels[i] = (pixels[i] & 0xff000000) | to;
  }
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(drawn, 0, 0);
}

// Of colors {fill: "#8a7f6e"}, the one nearest to another.
function nearestTo(hex, colors) {
  const levels = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  const wanted = levels(hex);
  const square = ({ fill }) => levels(fill).reduce((sum, level, i) => sum + (level - wanted[i]) ** 2, 0);
  return colors.reduce((best, color) => (square(color) < square(best) ? color : best));
}
