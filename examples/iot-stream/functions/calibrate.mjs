// What a sensor says is not what is: each has an offset and a scale of its own.
import { readFileSync } from "node:fs";

const devices = JSON.parse(readFileSync(new URL("devices.json", import.meta.url), "utf8"));

export async function handler({ deviceId, value }) {
  const device = Object.hasOwn(devices, deviceId) ? devices[deviceId] : undefined;
  if (!device) {
    const error = new Error(`no device ${deviceId}`);
    error.name = "UnknownDevice";
    throw error;
  }
  return { value: Math.round((value * device.scale + device.offset) * 1000) / 1000, unit: device.unit };
}
