using Grpc.Core;

namespace AiDc.Trainer.Serving;

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
        ServingError.Busy => 429,
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
        ServingError.TooLarge or ServingError.Busy => StatusCode.ResourceExhausted,
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

    /// <summary>Whether such a request has not been begun.</summary>
    public static bool NotProcessed(this ServingError error) => error is ServingError.Busy or ServingError.Unavailable;
}
