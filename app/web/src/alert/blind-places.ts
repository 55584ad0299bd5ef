/** How many places nothing is seen at, and which open happenings lie in one of them. Pure. */

import type { Alert, Camera } from '../api/types';
import { blindAreas, metresBetween, type BlindSpot } from '../map/blind-areas';
import { isOpen } from './triage';

export interface BlindPlaces {
  readonly places: number;
  /** The names of cameras, or of places, of open alerts that a blind camera covers. */
  readonly covered: readonly string[];
}

/** Cameras near to each other are one place; one without coordinates is a place by itself. */
export function blindPlaces(blind: readonly Camera[], alerts: readonly Alert[]): BlindPlaces {
  const placed = blind.filter(
    (each): each is Camera & BlindSpot => each.lat !== null && each.lon !== null,
  );
  const areas = blindAreas(placed);
  const ids = new Set(blind.map(({ id }) => id));
  const isCovered = ({ camera, lat, lon }: Alert): boolean =>
    ids.has(camera) ||
    (lat !== null &&
      lon !== null &&
      areas.some((area) => metresBetween(area, { lat, lon }) <= area.radiusM));
  const covered = alerts.filter((alert) => isOpen(alert) && !alert.exercise && isCovered(alert));
  return {
    places: areas.length + blind.length - placed.length,
    covered: [...new Set(covered.map(({ camera_name: name }) => name))],
  };
}
