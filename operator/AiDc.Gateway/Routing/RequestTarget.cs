using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Routing;

/// <summary>The service that a request is for, and the path that its replica sees.</summary>
internal readonly record struct RequestTarget(NamespacedName Service, PathString Path);
