/** A facility as a form holds it, and back. Pure. */

import type { FacilityRequest, OneFacility } from './facility-api';

export interface FacilityForm {
  name: string;
  kind: string;
  code: string;
  text: string;
  lat: string;
  lon: string;
  floors: string;
  basements: string;
  hazards: string;
  contacts: string;
  access: string;
  water: string;
  agency: string;
  area: string;
}

export const EMPTY: FacilityForm = {
  name: '',
  kind: '',
  code: '',
  text: '',
  lat: '',
  lon: '',
  floors: '',
  basements: '',
  hazards: '',
  contacts: '',
  access: '',
  water: '',
  agency: '',
  area: '',
};

/** `kind` is what people call its kind; it is sent as it is read, and the centre knows it. */
export function formOfFacility(one: OneFacility, kind: string): FacilityForm {
  const { place } = one;
  return {
    name: one.name,
    kind,
    code: one.code ?? '',
    text: place.text ?? '',
    lat: place.lat === null ? '' : String(place.lat),
    lon: place.lon === null ? '' : String(place.lon),
    floors: one.floors === null ? '' : String(one.floors),
    basements: one.basements === null ? '' : String(one.basements),
    hazards: one.hazards.join('\n'),
    contacts: one.contacts
      .map(({ name, phone, role, hours }) =>
        [name, phone ?? '', role ?? '', hours ?? ''].join(' | ').replace(/( \| )+$/, ''),
      )
      .join('\n'),
    access: one.access ?? '',
    water: one.water ?? '',
    agency: one.agency ?? '',
    area: one.area ?? '',
  };
}

/** What is sent; an outline that was imported stays with a position that stays. */
export function requestOfForm(form: FacilityForm, before: OneFacility | null): FacilityRequest {
  const lat = numberOf(form.lat);
  const lon = numberOf(form.lon);
  const isThere = before !== null && before.place.lat === lat && before.place.lon === lon;
  return {
    name: form.name.trim(),
    kind: form.kind.trim(),
    code: form.code.trim() || null,
    place: {
      lat,
      lon,
      text: form.text.trim() || null,
      outline: isThere ? before.place.outline : [],
    },
    floors: numberOf(form.floors),
    basements: numberOf(form.basements),
    hazards: linesOf(form.hazards),
    contacts: linesOf(form.contacts).map(contactOf),
    access: form.access.trim() || null,
    water: form.water.trim() || null,
    agency: form.agency || null,
    area: form.area || null,
  };
}

function contactOf(line: string): FacilityRequest['contacts'][number] {
  const [name = '', phone, role, hours] = line.split('|').map((part) => part.trim());
  return { name, phone: phone || null, role: role || null, hours: hours || null };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A decimal comma is one too. */
function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return plain === '' ? null : Number(plain);
}
