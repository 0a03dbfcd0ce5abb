// How the console is built: one page, hashed assets, the editor in a chunk of its own.
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.STEPWELL ?? "http://127.0.0.1:8083";

export default defineConfig({
  base: "/console/",
  plugins: [react(), tailwind()],
  build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
  server: { proxy: { "/console/api": server, "^/$": server } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
