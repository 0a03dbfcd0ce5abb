// Light or dark before the first paint: what was chosen, or what the system prefers.
export type Theme = "system" | "light" | "dark";

const KEY = "stepwell.theme";

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(chosen: Theme) {
  localStorage.setItem(KEY, chosen);
  apply();
}

function apply() {
  const chosen = theme();
  const dark = chosen === "dark" || (chosen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

apply();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
