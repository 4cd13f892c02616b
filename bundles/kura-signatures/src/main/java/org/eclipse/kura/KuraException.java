// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura;

import java.util.Arrays;
import org.osgi.annotation.versioning.ProviderType;

/** What every call into Kura can throw. */
@ProviderType
public class KuraException extends Exception {

    private static final long serialVersionUID = 1L;

    private final KuraErrorCode code;

    public KuraException(KuraErrorCode code) {
        this(code, new Object[0]);
    }

    public KuraException(KuraErrorCode code, Object... arguments) {
        super(code + " " + Arrays.toString(arguments));
        this.code = code;
    }

    public KuraException(KuraErrorCode code, Throwable cause, Object... arguments) {
        super(code + " " + Arrays.toString(arguments), cause);
        this.code = code;
    }

    public KuraErrorCode getCode() {
        return code;
    }
}
