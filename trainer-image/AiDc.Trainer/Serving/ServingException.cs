namespace AiDc.Trainer.Serving;

/// <summary>A request that is answered with an error, whose message is for who sent it.</summary>
internal sealed class ServingException(ServingError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public ServingError Error { get; } = error;

    public static ServingException Invalid(string message, Exception? inner = null) => new(ServingError.InvalidInput, message, inner);
}
