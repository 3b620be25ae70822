//! The label values of the metrics.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Grpc,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Quote,
    LedgerAppend,
    LedgerGet,
    LedgerList,
}

impl Operation {
    pub fn name(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::LedgerAppend => "ledger-append",
            Self::LedgerGet => "ledger-get",
            Self::LedgerList => "ledger-list",
        }
    }

    pub fn from_grpc_path(path: &str) -> Option<Self> {
        match path {
            "/cutover.v1.Pricing/Quote" => Some(Self::Quote),
            "/cutover.v1.Ledger/Append" => Some(Self::LedgerAppend),
            "/cutover.v1.Ledger/Get" => Some(Self::LedgerGet),
            "/cutover.v1.Ledger/List" => Some(Self::LedgerList),
            _ => None,
        }
    }
}
