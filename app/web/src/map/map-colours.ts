/** Colours that the map's libraries need as values: the ground where there are no streets, cameras. */

import type { Theme } from '../shell/theme.svelte';

interface MapColours {
  /** A camera that sees, and the way it looks. */
  readonly camera: string;
  readonly cone: string;
  /** The way that a blind camera would look. */
  readonly blind: string;
  /** Around a place that was searched. */
  readonly spot: string;
  readonly grid: string;
  readonly land: string;
  readonly border: string;
  readonly water: string;
}

export const MAP_COLOURS: Readonly<Record<Theme, MapColours>> = {
  dark: {
    camera: '#a9bccb',
    cone: '#7d93a6',
    blind: '#cc79a7',
    spot: '#ffffff',
    grid: '#1f2831',
    land: '#151b21',
    border: '#2f3a45',
    water: '#1d3442',
  },
  light: {
    camera: '#34495a',
    cone: '#4a6275',
    blind: '#b0558a',
    spot: '#14191f',
    grid: '#d3dae1',
    land: '#fbfbf9',
    border: '#b4c0ca',
    water: '#c3dcea',
  },
};
