// Hands palettes to the other parts of the page, which are drawn before these are known.
export default function ({ data: [data] }) {
  window.kmeansStudioSweep = data;
  window.dispatchEvent(new CustomEvent("kmeans-studio:sweep"));
}
