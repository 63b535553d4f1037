// Where a photograph was taken: its EXIF alone is looked at, here, and the photograph stays.
async function placeOf(file) {
  const view = new DataView(await file.slice(0, 256 * 1024).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) !== 0xffe1 || view.getUint32(at + 4) !== 0x45786966) continue;
    return gpsOf(view, at + 10);
  }
  return null;
}

function gpsOf(view, base) {
  const little = view.getUint16(base) === 0x4949;
  const short = (at) => view.getUint16(base + at, little);
  const long = (at) => view.getUint32(base + at, little);
  const entry = (directory, tag) => {
    for (let i = 0, count = short(directory); i < count; i++) {
      if (short(directory + 2 + 12 * i) === tag) return directory + 2 + 12 * i;
    }
    return null;
  };
  const pointer = entry(long(4), 0x8825);
  if (!pointer) return null;
  const gps = long(pointer + 8);
  const degrees = (tag, sign, negative) => {
    const [values, reference] = [entry(gps, tag), entry(gps, sign)];
    if (!values || !reference) return null;
    const at = long(values + 8);
    const part = (i) => long(at + 8 * i) / (long(at + 8 * i + 4) || 1);
    const value = part(0) + part(1) / 60 + part(2) / 3600;
    return String.fromCharCode(view.getUint8(base + reference + 8)) === negative ? -value : value;
  };
  const [lat, lon] = [degrees(2, 1, "S"), degrees(4, 3, "W")];
  return lat === null || lon === null || !(Math.abs(lat) <= 90 && Math.abs(lon) <= 180) ? null : { lat, lon };
}
