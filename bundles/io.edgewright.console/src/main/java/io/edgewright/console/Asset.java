// SPDX-License-Identifier: Apache-2.0
package io.edgewright.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/** One file of the page, ready to send. */
final class Asset {

    private final String contentType;
    private final byte[] plain;
    private final byte[] gzip;
    private final String etag;

    private Asset(String contentType, byte[] plain, byte[] gzip, String etag) {
        this.contentType = contentType;
        this.plain = plain;
        this.gzip = gzip;
        this.etag = etag;
    }

    static Asset of(String contentType, byte[] content) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            // weak: the same tag stands for the packed and the plain form
            String etag = "W/\"" + HexFormat.of().formatHex(digest, 0, 12) + '"';
            return new Asset(contentType, content, packed.toByteArray(), etag);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    String contentType() {
        return contentType;
    }

    /** {@return the content; not to be changed} */
    byte[] plain() {
        return plain;
    }

    /** {@return the content compressed; not to be changed} */
    byte[] gzip() {
        return gzip;
    }

    String etag() {
        return etag;
    }
}
