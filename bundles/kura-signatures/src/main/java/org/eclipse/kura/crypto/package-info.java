// SPDX-License-Identifier: Apache-2.0
@Version("1.3.0")
package org.eclipse.kura.crypto;

import org.osgi.annotation.versioning.Version;
