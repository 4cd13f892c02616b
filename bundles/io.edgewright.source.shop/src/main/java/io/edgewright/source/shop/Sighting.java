// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/**
 * The truth about one person in one picture.
 *
 * @param id the customer's number, from 1
 * @param left of the whole person, also where hidden, cut at the picture's edge, in pixels
 * @param top of the box
 * @param right of the box
 * @param bottom of the box
 * @param visible which share of the person's pixels is seen, 0..1
 * @param inside whether the person is within the shop, not on the street
 */
record Sighting(int id, double left, double top, double right, double bottom, double visible, boolean inside) {}
