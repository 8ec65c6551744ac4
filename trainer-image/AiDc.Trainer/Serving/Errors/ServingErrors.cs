using Grpc.Core;

namespace AiDc.Trainer.Serving.Errors;

/// <summary>What the protocols call an error.</summary>
internal static class ServingErrors
{
    /// <summary>On a response to a request of which nothing was done: it may be sent elsewhere.</summary>
    public const string NotProcessedHeader = "aidc-not-processed";

    public static int HttpStatus(this ServingError error) => error switch
    {
        ServingError.InvalidInput => 400,
        ServingError.NotFound => 404,
        ServingError.TooSlow => 408,
        ServingError.TooLarge => 413,
        ServingError.UnsupportedMediaType => 415,
        ServingError.Busy or ServingError.NoRoomToAnswer => 429,
        // nginx's number; nobody is there to read it, but it is counted.
        ServingError.ClientLeft => 499,
        ServingError.Unavailable => 503,
        ServingError.DeadlineExceeded => 504,
        _ => 500,
    };

    public static StatusCode GrpcStatus(this ServingError error) => error switch
    {
        ServingError.InvalidInput or ServingError.UnsupportedMediaType => StatusCode.InvalidArgument,
        ServingError.NotFound => StatusCode.NotFound,
        ServingError.TooLarge or ServingError.Busy or ServingError.NoRoomToAnswer => StatusCode.ResourceExhausted,
        ServingError.ClientLeft => StatusCode.Cancelled,
        ServingError.Unavailable => StatusCode.Unavailable,
        ServingError.DeadlineExceeded or ServingError.TooSlow => StatusCode.DeadlineExceeded,
        _ => StatusCode.Internal,
    };

    /// <summary>The HTTP status that says the same, so that both protocols are counted alike.</summary>
    public static int HttpStatus(this StatusCode status) => status switch
    {
        StatusCode.OK => 200,
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition => 400,
        StatusCode.NotFound => 404,
        StatusCode.Unimplemented => 501,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Cancelled => 499,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>Whether the same request may well be answered in a moment.</summary>
    public static bool Passes(this ServingError error) => error is ServingError.Busy or ServingError.NoRoomToAnswer or ServingError.Unavailable;

    /// <summary>Whether such a request has not been begun.</summary>
    public static bool NotProcessed(this ServingError error) => error is ServingError.Busy or ServingError.Unavailable;
}

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

    /// <summary>The model has computed it, and there is no room now for what it gave.</summary>
    NoRoomToAnswer,

    ClientLeft,

    ModelFailed,

    /// <summary>The model is still being loaded, or the server is about to end.</summary>
    Unavailable,

    DeadlineExceeded,
}

/// <summary>A request that is answered with an error, whose message is for who sent it.</summary>
internal sealed class ServingException(ServingError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public ServingError Error { get; } = error;

    /// <summary>False for a defect of ours, whose message to the client does not say what happened.</summary>
    public bool IsForeseen { get; private init; } = true;

    public static ServingException Invalid(string message, Exception? inner = null) => new(ServingError.InvalidInput, message, inner);

    public static ServingException Defect(Exception error) =>
        new(ServingError.ModelFailed, "the server failed in a way that was not foreseen; its log says how", error) { IsForeseen = false };
}
