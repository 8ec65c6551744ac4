namespace AiDc.ControllerRuntime.Hosting;

/// <summary>Connects one controller to what wakes it; done before the informers start, so that no event is missed.</summary>
internal sealed record ControllerWiring(Action<IServiceProvider> Connect);
