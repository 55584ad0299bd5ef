import { describe, expect, it } from 'vitest';

import { bearingBetween, bearingOf, coordinate, placeOf } from './placing';

const LAKE = { lat: 21.0285, lon: 105.8542 };

describe('the fields', () => {
  it.each([
    ['21,0285', '105.8542', LAKE],
    [' 21.0285 ', '105.8542', LAKE],
    ['', '105.8542', null],
    ['21.0285', 'east', null],
    ['91', '105.8542', null],
    ['21.0285', '181', null],
  ])('%s, %s', (lat, lon, place) => expect(placeOf(lat, lon)).toEqual(place));

  it.each([
    ['0', 0],
    ['359,5', 359.5],
    ['360', null],
    ['-1', null],
    ['', null],
    ['north', null],
  ])('bearing %s', (text, bearing) => expect(bearingOf(text)).toBe(bearing));
});

describe('a direction that is dragged', () => {
  it.each([
    [0.001, 0, 0],
    [0, 0.001, 90],
    [-0.001, 0, 180],
    [0, -0.001, 270],
    [0.001, -0.00000001, 0],
  ])('%f north, %f east is %i°', (north, east, bearing) => {
    expect(bearingBetween(LAKE, { lat: LAKE.lat + north, lon: LAKE.lon + east })).toBe(bearing);
  });

  it('is written as precisely as a hand places', () => {
    expect(coordinate(105.85420000001)).toBe('105.854200');
  });
});
