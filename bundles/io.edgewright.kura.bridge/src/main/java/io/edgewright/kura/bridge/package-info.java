// SPDX-License-Identifier: Apache-2.0
/** Makes components that know nothing of Eclipse Kura configurable in it. */
@NullMarked
package io.edgewright.kura.bridge;

import org.jspecify.annotations.NullMarked;
