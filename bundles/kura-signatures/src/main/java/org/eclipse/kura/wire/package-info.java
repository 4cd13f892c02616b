// SPDX-License-Identifier: Apache-2.0
@Version("2.0.0")
package org.eclipse.kura.wire;

import org.osgi.annotation.versioning.Version;
