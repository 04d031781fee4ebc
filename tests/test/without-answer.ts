// Calls of the goldens that Stria has no answer for yet. An answer that appears fails the test until its line is gone from here.

export const withoutAnswer: Readonly<Record<string, readonly string[]>> = {};
