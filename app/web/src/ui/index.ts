/** The kit of the screens. */

export { default as SafeRow } from '../shell/SafeRow.svelte';
export { Attempt, noticedAttempt } from './attempt.svelte';
export { default as Button } from './Button.svelte';
export { default as Card } from './Card.svelte';
export { default as Choices } from './Choices.svelte';
export { default as CloseButton } from './CloseButton.svelte';
export { default as Dialog } from './Dialog.svelte';
export { default as Field } from './Field.svelte';
export { default as FileField } from './FileField.svelte';
export { default as Form } from './Form.svelte';
export { default as Menu } from './Menu.svelte';
export { default as Segments } from './Segments.svelte';
export { default as Table } from './Table.svelte';
export { default as Tick } from './Tick.svelte';
export { Draft, draftOf, drafts } from './draft.svelte';
