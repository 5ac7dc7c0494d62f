/** A moment within a sentence, for words that are read before the rest of the vocabulary is there. */
export const moment = (at: string, language: string) =>
  new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false, timeZone: 'Asia/Shanghai' }).format(new Date(at))
