// Words of sentences after Kim's cleaning, and vocabularies.
import { describe, expect, it } from "vitest";
import { vocabularyOf, wordsOf } from "../src/index.ts";

describe("the words of a sentence", () => {
  it.each([
    ["It isn't Kim's, we'd say (they've, I'll)!", "it is n't kim 's , we 'd say ( they 've , i 'll ) !"],
    ["What county is Modesto , California in ?", "what county is modesto , california in ?"],
    ["jean-claud “van” damme: 3/4 of $5", "jean claud van damme 3 4 of 5"],
    ["we're here", "we 're here"],
  ])("%s", (sentence, words) => expect(wordsOf(sentence).join(" ")).toBe(words));

  it("keep their large letters where that is asked for", () =>
    expect(wordsOf("Who's Popeye Doyle?", { keepCase: true })).toEqual(["Who", "'s", "Popeye", "Doyle", "?"]));

  it("of nothing are none", () => expect(wordsOf(" -- ")).toEqual([]));
});

describe("a vocabulary", () => {
  const sentences = ["b a c", "b a", "b d"].map((text) => wordsOf(text));

  it("has the commonest words first, after the filler and the unknown", () => {
    const known = vocabularyOf(sentences);
    expect(known.words).toEqual(["<pad>", "<unknown>", "b", "a", "c", "d"]);
    expect(known.size).toBe(6);
    expect([...known.encode(["a", "b", "z"], 5)]).toEqual([3, 2, 1, 0, 0]);
    expect([...known.encode(["a", "b", "z"], 2)]).toEqual([3, 2]);
    expect(known.indexOf("constructor")).toBe(1);
  });

  it("leaves out rare words, and those after the most", () => {
    expect(vocabularyOf(sentences, { minimumCount: 2 }).words.slice(2)).toEqual(["b", "a"]);
    expect(vocabularyOf(sentences, { most: 1 }).words.slice(2)).toEqual(["b"]);
    expect(() => vocabularyOf(sentences, { minimumCount: 0 })).toThrow("minimumCount is 0");
  });
});
