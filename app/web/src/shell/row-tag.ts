/**
 * What stands in place of a row that cannot be drawn. A `mark` (a line on an axis, a shape on a
 * picture) has no room for words: the band over the page tells of it.
 */
export type RowTag = 'li' | 'tr' | 'td' | 'dt' | 'option' | 'p' | 'span' | 'div' | 'mark';
