namespace AiDc.Trainer.Serving;

/// <summary>Why a request is not answered with a result.</summary>
internal enum ServingError
{
    InvalidInput,

    NotFound,

    /// <summary>Its body came too slowly.</summary>
    TooSlow,

    TooLarge,

    UnsupportedMediaType,

    /// <summary>There is no room for it now.</summary>
    Busy,

    ClientLeft,

    ModelFailed,

    /// <summary>The model is still being loaded, or the server is about to end.</summary>
    Unavailable,

    DeadlineExceeded,
}
