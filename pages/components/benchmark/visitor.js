// Keeps a secret in the browser. It shows the server who started a run.
const NAME = "kmeans-studio-visitor";

export default function ({ data: [data], setStateValue }) {
  let kept = null;
  try {
    kept = localStorage.getItem(NAME);
    if (!kept) localStorage.setItem(NAME, data.proposed);
  } catch {
    return; // no storage: the secret lasts as long as the tab
  }
  if (kept && kept !== data.proposed) setStateValue("token", kept);
}
