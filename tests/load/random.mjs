// Numbers from a seed: the same seed gives the same ones everywhere (mulberry32).

export class Random {
  /** `seed`: any text; two streams of different text are different. */
  constructor(seed) {
    this.state = 0x811c9dc5;
    for (const char of String(seed)) this.state = Math.imul(this.state ^ char.codePointAt(0), 0x01000193);
  }

  /** From 0 to n - 1. */
  below(n) {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  /** True `percent` times of a hundred. */
  chance(percent) { return this.below(100) < percent; }

  pick(list) { return list[this.below(list.length)]; }

  /** One of [[weight, what], …]. */
  weighted(list) {
    let left = this.below(list.reduce((sum, [weight]) => sum + weight, 0));
    return list.find(([weight]) => (left -= weight) < 0)[1];
  }

  /** An amount in minor units, small ones more often. */
  amount() {
    return BigInt(1 + this.below(this.chance(70) ? 20_000 : this.chance(90) ? 1_000_000 : 2_000_000_000));
  }

  uuid() {
    const hex = Array.from({ length: 32 }, () => this.below(16).toString(16));
    hex[12] = "7";
    hex[16] = "89ab"[this.below(4)];
    const text = hex.join("");
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
  }
}
