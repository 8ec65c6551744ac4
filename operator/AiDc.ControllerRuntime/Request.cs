namespace AiDc.ControllerRuntime;

/// <summary>
/// What a controller is asked to look at: identity only, never an event or an object, because between the event and
/// the reconcile the world has moved on.
/// </summary>
public readonly record struct Request(NamespacedName Name)
{
    public override string ToString() => Name.ToString();
}
