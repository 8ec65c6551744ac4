namespace AiDc.Trainer.Serving;

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
