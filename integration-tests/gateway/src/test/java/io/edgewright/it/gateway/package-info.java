// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.edgewright.it.gateway;

import org.jspecify.annotations.NullMarked;
