// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.edgewright.pass.quantize;

import org.jspecify.annotations.NullMarked;
