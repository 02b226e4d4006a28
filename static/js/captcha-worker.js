// Finds the number whose hash, behind the salt, is the challenge. Off the page's own thread: typing stays smooth.

self.onmessage = async ({ data: { salt, challenge, maxNumber } }) => {
  const encoder = new TextEncoder();
  for (let number = 0; number <= maxNumber; number += 1) {
    const hash = new Uint8Array(await self.crypto.subtle.digest("SHA-256", encoder.encode(salt + number)));
    let text = "";
    for (const byte of hash) text += byte.toString(16).padStart(2, "0");
    if (text === challenge) {
      self.postMessage(number);
      return;
    }
  }
  self.postMessage(-1);
};
