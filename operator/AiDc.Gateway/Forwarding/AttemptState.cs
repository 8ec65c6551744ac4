namespace AiDc.Gateway.Forwarding;

/// <summary>Where an attempt is.</summary>
internal enum AttemptState
{
    /// <summary>There is none under way.</summary>
    Over,

    /// <summary>It was sent, or is being sent, and no answer has begun.</summary>
    Waiting,

    /// <summary>The head of the answer is there.</summary>
    Answering,

    /// <summary>This gateway gave up on the replica, and the request may go elsewhere.</summary>
    Abandoned,

    /// <summary>The replica's pod is gone.</summary>
    Broken,
}
