// Sentences as lists of words, as Kim (2014) cleaned them, and words as numbers.
import { AttributeError } from "@stria/core";

/** Kim's cleaning, in its order: what is no letter, digit or sign that counts becomes a space; signs and endings become words of their own. */
const steps: readonly (readonly [RegExp, string])[] = [
  [/[^A-Za-z0-9(),!?'`]/g, " "],
  [/'s/g, " 's"],
  [/'ve/g, " 've"],
  [/n't/g, " n't"],
  [/'re/g, " 're"],
  [/'d/g, " 'd"],
  [/'ll/g, " 'll"],
  [/([,!()?])/g, " $1 "],
];

/**
 * The words of an English sentence, in small letters unless `keepCase`, with signs and shortened endings as words of their own: "it isn't." has `it`, `is`, `n't`. The cleaning of
 * Kim (2014), Convolutional Neural Networks for Sentence Classification.
 */
export function wordsOf(sentence: string, { keepCase = false }: { readonly keepCase?: boolean } = {}): string[] {
  const clean = steps.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), sentence);
  return (keepCase ? clean : clean.toLowerCase()).split(/\s+/).filter(Boolean);
}

export interface VocabularyOptions {
  /** Words that occur less often are unknown. Default 1. */
  readonly minimumCount?: number;
  /** Most words, the commonest first. Default all. */
  readonly most?: number;
}

/** Words and their numbers. 0 is the filler after the end of a sentence, 1 every word that is not known. */
export interface Vocabulary {
  /** The number of numbers: the words, the filler and the unknown. */
  readonly size: number;
  /** The words by number; `words[0]` is "<pad>", `words[1]` "<unknown>". */
  readonly words: readonly string[];
  /** A word's number. */
  indexOf(word: string): number;
  /** Numbers of the first `length` words, filled up with zeros. */
  encode(words: readonly string[], length: number): Int32Array;
}

/**
 * The vocabulary of sentences: the commonest words first, those of equal count in the order of the alphabet, so that it does not depend on the order of the sentences.
 * @throws AttributeError for options out of range
 * @example
 * const known = vocabularyOf(sentences.map(wordsOf), { minimumCount: 2 });
 * const tokens = known.encode(wordsOf("a good film"), 56);
 */
export function vocabularyOf(
  sentences: Iterable<readonly string[]>,
  { minimumCount = 1, most = Infinity }: VocabularyOptions = {},
): Vocabulary {
  if (!(minimumCount >= 1) || !(most >= 0))
    throw new AttributeError(
      "vocabularyOf",
      `minimumCount is ${minimumCount}, most is ${most}`,
      "use a count of 1 or more, and 0 or more words",
    );
  const counts = new Map<string, number>();
  for (const words of sentences) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const kept = [...counts]
    .filter(([, count]) => count >= minimumCount)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
  const words = ["<pad>", "<unknown>", ...kept];
  const numbers = new Map(kept.map((word, index) => [word, index + 2]));
  const indexOf = (word: string): number => numbers.get(word) ?? 1;
  return {
    size: words.length,
    words,
    indexOf,
    encode(sentence, length) {
      const tokens = new Int32Array(length);
      for (let index = 0; index < Math.min(length, sentence.length); index++)
        tokens[index] = indexOf(sentence[index] ?? "");
      return tokens;
    },
  };
}
