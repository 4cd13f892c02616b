// SPDX-License-Identifier: Apache-2.0
/** Settings over ConfigurationAdmin, kept safely below edgewright.home. */
@NullMarked
package io.edgewright.settings;

import org.jspecify.annotations.NullMarked;
