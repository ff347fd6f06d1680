//! Numbers of Kerberos in words.

/// The word of an encryption type.
pub(super) const fn encryption(number: i32) -> Option<&'static str> {
    Some(match number {
        1 => "des_crc",
        2 => "des_md4",
        3 => "des_md5",
        5 | 7 | 16 => "des3",
        17 => "aes128",
        18 => "aes256",
        19 => "aes128_sha2",
        20 => "aes256_sha2",
        23 => "rc4",
        24 => "rc4_export",
        25 => "camellia128",
        26 => "camellia256",
        -128 => "rc4_md4",
        -133 => "rc4_old",
        -135 => "rc4_old_export",
        _ => return None,
    })
}

/// Options of a request, by their bits.
pub(super) const OPTIONS: [(u32, &str); 16] = [
    (0x4000_0000, "forwardable"),
    (0x2000_0000, "forwarded"),
    (0x1000_0000, "proxiable"),
    (0x0800_0000, "proxy"),
    (0x0400_0000, "allow_postdate"),
    (0x0200_0000, "postdated"),
    (0x0080_0000, "renewable"),
    (0x0004_0000, "pk_cross"),
    (0x0002_0000, "constrained_delegation"),
    (0x0001_0000, "canonicalize"),
    (0x0000_8000, "anonymous"),
    (0x0000_0020, "disable_transited_check"),
    (0x0000_0010, "renewable_ok"),
    (0x0000_0008, "enc_tkt_in_skey"),
    (0x0000_0002, "renew"),
    (0x0000_0001, "validate"),
];

/// What an error says of a log-in: it failed, or nothing.
pub(super) const fn is_failed_login(code: i32) -> bool {
    matches!(code, 1 | 6 | 12 | 18 | 23 | 24)
}

/// The word of an error.
pub(super) const fn error(code: i32) -> Option<&'static str> {
    Some(match code {
        0 => "KDC_ERR_NONE",
        1 => "KDC_ERR_NAME_EXP",
        2 => "KDC_ERR_SERVICE_EXP",
        3 => "KDC_ERR_BAD_PVNO",
        4 => "KDC_ERR_C_OLD_MAST_KVNO",
        5 => "KDC_ERR_S_OLD_MAST_KVNO",
        6 => "KDC_ERR_C_PRINCIPAL_UNKNOWN",
        7 => "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        8 => "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
        9 => "KDC_ERR_NULL_KEY",
        10 => "KDC_ERR_CANNOT_POSTDATE",
        11 => "KDC_ERR_NEVER_VALID",
        12 => "KDC_ERR_POLICY",
        13 => "KDC_ERR_BADOPTION",
        14 => "KDC_ERR_ETYPE_NOSUPP",
        15 => "KDC_ERR_SUMTYPE_NOSUPP",
        16 => "KDC_ERR_PADATA_TYPE_NOSUPP",
        17 => "KDC_ERR_TRTYPE_NOSUPP",
        18 => "KDC_ERR_CLIENT_REVOKED",
        19 => "KDC_ERR_SERVICE_REVOKED",
        20 => "KDC_ERR_TGT_REVOKED",
        21 => "KDC_ERR_CLIENT_NOTYET",
        22 => "KDC_ERR_SERVICE_NOTYET",
        23 => "KDC_ERR_KEY_EXPIRED",
        24 => "KDC_ERR_PREAUTH_FAILED",
        25 => "KDC_ERR_PREAUTH_REQUIRED",
        26 => "KDC_ERR_SERVER_NOMATCH",
        27 => "KDC_ERR_MUST_USE_USER2USER",
        28 => "KDC_ERR_PATH_NOT_ACCEPTED",
        29 => "KDC_ERR_SVC_UNAVAILABLE",
        31 => "KRB_AP_ERR_BAD_INTEGRITY",
        32 => "KRB_AP_ERR_TKT_EXPIRED",
        33 => "KRB_AP_ERR_TKT_NYV",
        34 => "KRB_AP_ERR_REPEAT",
        35 => "KRB_AP_ERR_NOT_US",
        36 => "KRB_AP_ERR_BADMATCH",
        37 => "KRB_AP_ERR_SKEW",
        38 => "KRB_AP_ERR_BADADDR",
        39 => "KRB_AP_ERR_BADVERSION",
        40 => "KRB_AP_ERR_MSG_TYPE",
        41 => "KRB_AP_ERR_MODIFIED",
        44 => "KRB_AP_ERR_BADKEYVER",
        45 => "KRB_AP_ERR_NOKEY",
        46 => "KRB_AP_ERR_MUT_FAIL",
        50 => "KRB_AP_ERR_INAPP_CKSUM",
        52 => "KRB_ERR_RESPONSE_TOO_BIG",
        60 => "KRB_ERR_GENERIC",
        61 => "KRB_ERR_FIELD_TOOLONG",
        62 => "KDC_ERR_CLIENT_NOT_TRUSTED",
        64 => "KDC_ERR_INVALID_SIG",
        68 => "KDC_ERR_WRONG_REALM",
        69 => "KRB_AP_ERR_USER_TO_USER_REQUIRED",
        90 => "KDC_ERR_PREAUTH_EXPIRED",
        91 => "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED",
        _ => return None,
    })
}
