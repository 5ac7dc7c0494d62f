/** Labels of packed lots and what buyers report of them. */

/** How many boxes the server draws at a time. */
export const LABELS_MAX = 200
/** Thousandths as per cent with one decimal. */
export const percent = (permille: number) => `${Math.floor(permille / 10)}.${permille % 10}`
