//! [`Opaque`]: an `Arc` behind which the compiler does not look.
//!
//! A component holds its roles and the environment, and so does the future of each of its actions. Whether that future may go from thread
//! to thread the compiler asks of all that it holds, field by field, and again for each action, since what it finds behind a trait object
//! it does not remember: half a millisecond each. Here it is asked once, when the value is put in.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// A shared value of type `T`, which can be sent and shared itself.
pub(crate) struct Opaque<T> {
    value: Arc<dyn Any + Send + Sync>,
    of: PhantomData<fn() -> T>,
}

impl<T: Any + Send + Sync> Opaque<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Arc::new(value), of: PhantomData }
    }

    /// The value for this holder alone: a copy of it if there are others.
    pub(crate) fn make_mut(&mut self) -> &mut T
    where
        T: Clone,
    {
        if Arc::get_mut(&mut self.value).is_none() {
            *self = Self::new((**self).clone());
        }
        let alone = Arc::get_mut(&mut self.value).and_then(|value| value.downcast_mut());
        alone.unwrap_or_else(|| unreachable!("nobody else has it, and nothing else is put in"))
    }
}

impl<T: Any> Deref for Opaque<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.downcast_ref().unwrap_or_else(|| unreachable!("nothing else is put in"))
    }
}

impl<T> Clone for Opaque<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), of: PhantomData }
    }
}

impl<T: Any + Send + Sync + Default> Default for Opaque<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Any + fmt::Debug> fmt::Debug for Opaque<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Opaque;

    #[test]
    fn a_change_is_one_holders_alone() {
        let mut first = Opaque::new(vec![1]);
        first.make_mut().push(2);
        let second = first.clone();
        first.make_mut().push(3);
        assert_eq!((&*first, &*second), (&vec![1, 2, 3], &vec![1, 2]));
    }
}
