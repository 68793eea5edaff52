/** What a code says: one sentence that holds, and one remedy that would clear it. */
export type CodeEntry = { readonly sentence: string; readonly remedy: string };
