//! Finds what would come back as something else: a `Some` of nothing, which is encoded as `None` is,
//! and what is longer than a length in `MessagePack` can say.

use serde::de::value::Error;
use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Fails if there is a `Some` of nothing in `value`, or something too long.
pub(super) fn refuse_what_would_change(value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    value.serialize(Looks).map(drop)
}

/// A length has 32 bits.
fn fits(len: usize) -> Result<(), Error> {
    if u32::try_from(len).is_err() {
        return Err(Error::custom(format_args!("{len} elements are too many")));
    }
    Ok(())
}

/// Says of each value whether it is encoded as nothing, and looks at all that is in it.
struct Looks;

/// Methods that take values in which nothing can be.
macro_rules! something {
    ($($method:ident: $ty:ty,)*) => {
        $(fn $method(self, _: $ty) -> Result<bool, Error> {
            Ok(false)
        })*
    };
}

/// Methods that open what has parts.
macro_rules! parts {
    ($($method:ident($($ty:ty),*) -> $part:ident,)*) => {
        $(
            type $part = Self;

            fn $method(self, $(_: $ty),*) -> Result<Self, Error> {
                Ok(self)
            }
        )*
    };
}

impl Serializer for Looks {
    type Ok = bool;
    type Error = Error;

    something! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_unit_struct: &'static str,
    }

    parts! {
        serialize_tuple(usize) -> SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant,
        serialize_struct(&'static str, usize) -> SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant,
    }

    type SerializeSeq = Self;

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Error> {
        fits(len.unwrap_or(0)).map(|()| self)
    }

    type SerializeMap = Self;

    fn serialize_map(self, len: Option<usize>) -> Result<Self, Error> {
        fits(len.unwrap_or(0)).map(|()| self)
    }

    fn serialize_str(self, text: &str) -> Result<bool, Error> {
        fits(text.len()).map(|()| false)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<bool, Error> {
        fits(bytes.len()).map(|()| false)
    }

    fn serialize_none(self) -> Result<bool, Error> {
        Ok(true)
    }

    fn serialize_unit(self) -> Result<bool, Error> {
        Ok(true)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Error> {
        if value.serialize(self)? {
            let why = "a `Some(())` or `Some(None)` would come back as `None`";
            return Err(Error::custom(why));
        }
        Ok(false)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, Error> {
        Ok(false)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Error> {
        value.serialize(self).map(|_| false)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What has parts that come one by one, by `$method`.
macro_rules! looks_at_each {
    ($($part:ident::$method:ident($($key:ty)?),)*) => {
        $(impl $part for Looks {
            type Ok = bool;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $(_: $key,)?
                value: &T,
            ) -> Result<(), Error> {
                refuse_what_would_change(value)
            }

            fn end(self) -> Result<bool, Error> {
                Ok(false)
            }
        })*
    };
}

looks_at_each! {
    SerializeSeq::serialize_element(),
    SerializeTuple::serialize_element(),
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStruct::serialize_field(&'static str),
    SerializeStructVariant::serialize_field(&'static str),
}

impl SerializeMap for Looks {
    type Ok = bool;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        refuse_what_would_change(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        refuse_what_would_change(value)
    }

    fn end(self) -> Result<bool, Error> {
        Ok(false)
    }
}
